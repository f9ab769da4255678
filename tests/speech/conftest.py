"""faster-whisper's double."""

from tests.speech.whisper_double import whisper, whisper_folder  # noqa: F401
