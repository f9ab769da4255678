"""Files of editorial as bytes and text: encodings, XML in and out, iXML.

May import: core.
"""
