"""Networks that were installed: where they lie, what is known of them, and how they are run.

Arrays go in and come out; prompts are the engines' matter. Heavy libraries are imported when a network is first loaded.
"""
