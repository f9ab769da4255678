"""Edit media: every codec before independent readers, and its pictures against the plate's."""
