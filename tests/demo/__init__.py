"""`make demo`: a person sees what the cache does, then what it is worth.

What may enter: the story (single requests, told one by one), the stream (an FAQ bot's traffic), the
figures. Everything goes through HTTP as a user's would; nothing here knows the inside of the sidecar.
"""
