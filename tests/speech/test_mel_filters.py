"""The mel filters that ship are those that librosa works out, and no sound waits for librosa."""

import subprocess
import sys

import numpy as np

from benchmarks.mel_filters import worked_out
from dubsync.speech.mel.filters import mel_filters


def test_the_filters_that_ship_are_librosas_bit_for_bit():
    for name, expected in worked_out().items():
        assert np.array_equal(getattr(mel_filters(), name), expected), name


def test_hearing_a_sound_loads_neither_librosa_nor_its_compiler():
    script = (
        "import sys\n"
        "import numpy as np\n"
        "from dubsync.core.sound.audio import Sound\n"
        "from dubsync.speech.audio_features import hear\n"
        "hear(Sound(np.ones(8000, np.float32), 16000))\n"
        "assert not {'librosa', 'numba', 'scipy.signal'} & set(sys.modules)\n"
    )
    assert not subprocess.run([sys.executable, "-c", script], check=False).returncode
