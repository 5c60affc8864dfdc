"""What the configuration says, in the form in which requests ask for it.

What may enter: frozen values made once per configuration. Nothing here knows a request.
"""
