"""Speech analysis: audio features, phones, alignment, diarization.

The only package that imports librosa.
May import: core.
"""
