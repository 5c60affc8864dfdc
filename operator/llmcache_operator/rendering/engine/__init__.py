"""vLLM: its command line, and which version of it knows which flag.

What may enter: from an engine's section to the arguments of `vllm serve`, and the fingerprint of
everything among them that shapes an answer.
"""
