"""A reel of film length, made from ../shared and never committed; and what it costs (DR038).

python -m benchmarks.reel.make FOLDER       20 minutes, 250 events, eight actors
python -m benchmarks.reel.unbroken FOLDER   runs it, and writes down time and memory
python -m benchmarks.reel.killed FOLDER     runs it, and kills it at random moments
python -m benchmarks.reel.length FOLDER     cost against length: 1, 10 and 100 minutes
"""
