"""Message templates in the grammar of GOV.UK Notify, and what their fields are for."""

from serving.templates.grammar import Field, Template, TemplateError, same_name
from serving.templates.purpose import Purpose, check_value, guess_purpose

__all__ = ["Field", "Purpose", "Template", "TemplateError", "check_value", "guess_purpose", "same_name"]
