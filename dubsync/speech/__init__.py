"""Speech analysis: audio features, phones, alignment, diarization.

Of librosa it needs only what mel_scale.py has, without numba.
May import: core.
"""
