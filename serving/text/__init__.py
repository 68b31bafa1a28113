"""Text normalisation: the text that a person would read, with an exact map back to the original.

Rules and model both read this copy, and the model is trained on it, so a change of what it does needs a new
`NORMALISATION_VERSION` and a new bundle.
"""

from serving.text.normalised import MAX_CHARACTERS, NORMALISATION_VERSION, NormalisedText, normalise
from serving.text.vocabulary import vocabulary

__all__ = ["MAX_CHARACTERS", "NORMALISATION_VERSION", "NormalisedText", "normalise", "vocabulary"]
