"""What is done in a reel, what is not and why, and what the next run will take.

May import: qc, render, reel, turnover, judging, consent, store; withdrawal never.
"""
