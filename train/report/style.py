"""How the pages look: one column on a phone, dark where the reader's machine is."""

STYLE = """
:root { --ground:#f6f6f3; --card:#fff; --ink:#1d2126; --quiet:#5d646c; --edge:#dedfd9; --mark:#1f6f78; --warm:#b4492c;
  --third:#7a5ea8; --fourth:#8a7a1f; color-scheme:light dark }
@media (prefers-color-scheme: dark) { :root { --ground:#15181b; --card:#1e2226; --ink:#e8e9ea; --quiet:#9aa2aa;
  --edge:#343a40; --mark:#5fb6bf; --warm:#e58a6c; --third:#b79be0; --fourth:#d0bf62 } }
* { box-sizing:border-box }
body { margin:0; background:var(--ground); color:var(--ink); font:15px/1.45 system-ui,sans-serif }
header, main { max-width:1120px; margin:0 auto; padding:0 20px }
header { padding-top:22px }
h1 { margin:0; font-size:25px; color:var(--mark); overflow-wrap:anywhere }
header p { margin:2px 0 0; color:var(--quiet); overflow-wrap:anywhere }
h2 { margin:32px 0 4px; font-size:19px }
.note, small { color:var(--quiet) }
.note { margin:0 0 10px }
.warn { border-left:4px solid var(--warm); padding:6px 12px; background:var(--card); margin:12px 0 }
.tiles { display:grid; grid-template-columns:repeat(auto-fill,minmax(148px,1fr)); gap:10px; margin:16px 0 }
.tile, figure, .scroll { background:var(--card); border:1px solid var(--edge); border-radius:10px; padding:10px 12px }
.tile b { display:block; font-size:22px; line-height:1.25; font-variant-numeric:tabular-nums }
.tile span { font-size:13px; display:block }
.tile small { font-size:12px }
.plots { display:grid; grid-template-columns:repeat(auto-fit,minmax(min(330px,100%),1fr)); gap:10px; margin:10px 0;
  align-items:start }
.plots.wide { grid-template-columns:repeat(auto-fill,minmax(min(440px,100%),1fr)) } .plots .scroll { margin:0 }
figure { margin:0 } figcaption { margin-bottom:4px; font-size:14px } figure small { font-size:12px }
svg { display:block; width:100%; height:auto }
svg text { fill:var(--quiet); font-size:11px; font-variant-numeric:tabular-nums }
svg .grid { stroke:var(--edge); stroke-width:1 }
svg .axis { stroke:var(--quiet); stroke-width:1; stroke-dasharray:4 4 }
svg .c0 { --c:var(--mark) } svg .c1 { --c:var(--warm) } svg .c2 { --c:var(--third) } svg .c3 { --c:var(--fourth) }
svg polyline { fill:none; stroke:var(--c); stroke-width:2; stroke-linejoin:round }
svg rect, svg circle { fill:var(--c) }
.scroll { overflow-x:auto; margin:8px 0 }
table { border-collapse:collapse; font-size:13.5px; width:100%; font-variant-numeric:tabular-nums }
th, td { padding:4px 8px; text-align:right; border-bottom:1px solid var(--edge); white-space:nowrap }
tr:last-child td { border-bottom:0 }
th { color:var(--quiet); font-weight:normal } .name { text-align:left }
td .heat { display:block; margin:-4px -8px; padding:4px 8px; min-height:1.9em;
  background:color-mix(in srgb, var(--mark) calc(var(--h) * 1%), transparent) }
td code { font-size:12px }
details { margin:10px 0 } summary { cursor:pointer; color:var(--quiet) }
pre { overflow-x:auto; font-size:12px; background:var(--card); border:1px solid var(--edge); border-radius:10px;
  padding:10px }
.faces { display:grid; grid-template-columns:repeat(auto-fill,minmax(96px,1fr)); gap:8px }
.faces img { width:100%; border-radius:6px; display:block } .faces span { font-size:12px }
.key { display:flex; flex-wrap:wrap; gap:2px 16px; font-size:13px }
.key i { display:inline-block; width:12px; height:12px;
  border-radius:3px; margin-right:5px; vertical-align:-1px; background:var(--c) }
.key .c0 { --c:var(--mark) } .key .c1 { --c:var(--warm) } .key .c2 { --c:var(--third) } .key .c3 { --c:var(--fourth) }
@media (max-width:520px) { header, main { padding:0 12px } .tiles { grid-template-columns:1fr 1fr }
  th, td { padding:4px 6px } .name { white-space:normal } }
"""
