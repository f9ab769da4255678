"""How late a clip's sound is, and which face on screen it comes from."""
