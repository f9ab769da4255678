"""What every dubsync plugin in a host shares: the child process, the flow, the problems.

Standard library only, and Python 3.7: hosts bring old interpreters.  A plugin writes an adapter
(`host.EditorHost`) and a panel; everything else is here, and dubsync itself is another process.
"""

VERSION = "1.0"
