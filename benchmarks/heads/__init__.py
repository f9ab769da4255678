"""How well whole heads are re-made; see __main__.py."""
