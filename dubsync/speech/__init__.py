"""What is said, and when: the only part that imports librosa.

May import: core.
"""
