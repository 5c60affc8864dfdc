"""When the cache must stand aside, and what may be stored.

What may enter: small pure rules `request -> reason or None` in an ordered chain, the reading of the
client's own wishes (Cache-Control, tags), and the admission of answers. Rules see the normal form
and the settings, nothing else.
"""
