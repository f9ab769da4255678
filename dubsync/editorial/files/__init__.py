"""Reading and writing files: text encodings, XML, iXML.

May import: core.
"""
