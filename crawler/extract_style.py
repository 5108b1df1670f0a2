"""The style of the page of sampled photos: two columns, one on a phone, light or dark as the reader has it."""

STYLE = """
:root { color-scheme: light dark; --line: #8885; --chosen: #2a9d4a55; --agrees: #3b82f644; --left: #d9770633; }
* { box-sizing: border-box; }
body {
  font: 16px/1.45 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem;
  counter-reset: right wrong unsure;
}
h1 { font-size: 1.4rem; }
h2 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; }
h2 b { font-size: 1.5rem; }
h2 b.null { opacity: .6; }
small { font-weight: normal; opacity: .8; }
article {
  display: grid; grid-template-columns: minmax(9rem, 16rem) 1fr; gap: 1rem;
  border-top: 1px solid var(--line); padding: 1rem 0;
}
article > * { min-width: 0; }
img { width: 100%; height: auto; max-height: 22rem; object-fit: contain; object-position: top; }
.noimage {
  border: 1px dashed var(--line); padding: 2rem .5rem; text-align: center; opacity: .6; align-self: start;
}
.where, .judge { margin: .2rem 0; overflow-wrap: anywhere; }
.judge label { display: inline-block; padding: .3rem .6rem .3rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .7rem; margin: .5rem 0; }
dt { opacity: .65; }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; white-space: pre-line; unicode-bidi: isolate; }
ol { margin: .5rem 0; padding-left: 1.6rem; }
li, mark { overflow-wrap: anywhere; }
mark { color: inherit; border-radius: .2em; padding: 0 .1em; }
sup { font-size: .65em; opacity: .75; }
mark.chosen { background: var(--chosen); font-weight: 600; }
mark.agrees { background: var(--agrees); }
mark.left { background: var(--left); }
input.right:checked { counter-increment: right; }
input.wrong:checked { counter-increment: wrong; }
input.unsure:checked { counter-increment: unsure; }
footer {
  position: sticky; bottom: 0; background: Canvas; border-top: 1px solid var(--line);
  padding: .6rem 0; font-weight: 600;
}
footer::after { content: counter(right) " right, " counter(wrong) " wrong, " counter(unsure) " unsure"; }
@media (max-width: 40rem) {
  body { padding: .7rem; }
  article, dl { grid-template-columns: 1fr; }
  dl { gap: 0; }
  dt { margin-top: .35rem; font-size: .85rem; }
  img { max-height: 60vh; }
}
"""
