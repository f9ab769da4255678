"""Drive: does the mouth follow the take, and does sound alone move it as the actor's own speech
did?  `python -m benchmarks.drive`, see __main__."""
