"""Reference pages written from the code: `python -m docs.generate`, with `--check` in the tests.

A generated part of a page stands between two comments, `<!-- generated: NAME -->` and
`<!-- end of generated: NAME -->`.  Text outside them is written by hand and is kept.  One module
here writes one kind of page; `pages.py` lists which part of which page comes from which.
"""
