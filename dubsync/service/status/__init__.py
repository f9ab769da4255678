"""What is done in a reel, what is not and why, and what the next run will take.

May import: render, reel, turnover, consent, store; qc and withdrawal never.
"""
