"""How the page looks: Gradio's own colours, so that light and dark follow the reader's machine."""

STYLE = """
.gradio-container { --agegap-quiet:color-mix(in srgb, var(--body-text-color) 70%, var(--body-background-fill)) }
.agegap-age { margin:0; font-size:22px; line-height:1.1 } .agegap-age b { font-size:58px; font-weight:600 }
.agegap-note { margin:4px 0 14px !important; color:var(--agegap-quiet); font-size:14px }
.agegap-none { font-size:17px; margin:8px 0 }
.agegap-answer h3 { margin:18px 0 8px; font-size:16px }
.agegap-pictures { display:grid; grid-template-columns:minmax(0,2fr) minmax(0,1fr); gap:10px; align-items:start }
.agegap-faces { display:grid; grid-template-columns:repeat(auto-fill,minmax(84px,1fr)); gap:10px }
.agegap-answer img { width:100%; border-radius:6px; display:block; margin:0 }
.agegap-pictures img { max-height:420px; object-fit:contain; object-position:left top }
.agegap-answer span { display:block; font-size:12px; color:var(--agegap-quiet); overflow-wrap:anywhere }
svg.ages { width:100%; height:auto; display:block; margin-top:14px }
svg.ages .in { fill:var(--color-accent) }
svg.ages .out { fill:color-mix(in srgb, var(--agegap-quiet) 35%, transparent) }
svg.ages .age { stroke:var(--body-text-color); stroke-width:1.5 }
svg.ages .ground { stroke:var(--border-color-primary) }
svg.ages text { fill:var(--agegap-quiet); font-size:11px }
.gradio-container { max-width:1120px !important; margin:0 auto !important }
footer { display:none !important }
"""
