"""Every write of a small run fails once: what is there afterwards, and whether the reel goes on."""
