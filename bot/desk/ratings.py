"""How satisfied a citizen was: three levels on the bot, five as the national scale has them.

Source: 国办发〔2019〕51号 (好差评): 非常满意、满意、基本满意、不满意、非常不满意.
"""

RATINGS: dict[str, str] = {
    "very_satisfied": "非常满意",
    "satisfied": "满意",
    "mostly": "基本满意",
    "dissatisfied": "不满意",
    "very_dissatisfied": "非常不满意",
}
"""Every rating by code, with its label, from best to worst."""

OFFERED = ("satisfied", "mostly", "dissatisfied")
"""The three levels that a citizen is offered as buttons."""
