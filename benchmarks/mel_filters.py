"""Work the mel filters out, by librosa, and keep them: dubsync/speech/mel/filters.safetensors.

    python -m benchmarks.mel_filters

Needed only when BANDS, FFT or the frequencies of speech/audio_features.py or speech/sound_states.py
change; then its digest goes into speech/mel/filters.py.
"""

from __future__ import annotations

from hashlib import sha256

import librosa
import numpy as np
from safetensors.numpy import save

from dubsync.speech import audio_features as features
from dubsync.speech import sound_states as states
from dubsync.speech.mel.filters import FILE


def worked_out() -> dict[str, np.ndarray]:
    """The arrays of `MelFilters` by name."""
    reach = {"fmin": features.LOWEST_HZ, "fmax": features.HIGHEST_HZ}
    edges = librosa.mel_frequencies(features.BANDS + 2, **reach)
    made = librosa.filters.mel(
        sr=features.ANALYSIS_RATE, n_fft=features.FFT, n_mels=features.BANDS, norm=None, **reach
    )
    area_1 = librosa.filters.mel(sr=states.RATE, n_fft=states.FFT, n_mels=states.BANDS)
    return {
        "features": np.asarray(made, np.float32),
        "centres": np.asarray(edges[1:-1], np.float64),
        "states": np.asarray(area_1, np.float32),
    }


if __name__ == "__main__":
    FILE.write_bytes(save(worked_out()))
    print(sha256(FILE.read_bytes()).hexdigest())
