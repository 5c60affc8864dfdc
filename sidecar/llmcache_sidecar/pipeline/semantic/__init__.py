"""The semantic level: what a question means, and which entry answers another one of the same meaning.

What may enter: reading a meaning, looking it up, judging the candidates, keeping points and aliases.
Who decides whether a candidate is served is not here.
"""
