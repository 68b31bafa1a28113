"""Protective markings and their abbreviations, as headers and stamps write them."""

import re

from serving.rules.rule import Rule
from serving.taxonomy import InfoType

MARKINGS = (
    Rule(
        "marking.official_sensitive",
        InfoType.PROTECTIVE_MARKING,
        re.compile(
            r"(?<!\w)(?:OFFICIAL ?[-:–/_] ?SENSITIVE|OFFICIAL SENSITIVE|OFF[-. /]?SENS?|O[-/]S(?=[:\s\].]|$)|(?i:official[ -]sensitive)(?=:|\]| - |$))(?!\w)"
        ),
        "Cabinet Office, Government Security Classifications 2023",
        trigger=r"(?i)off|O[-/]S",
    ),
    Rule(
        "marking.secret",
        InfoType.PROTECTIVE_MARKING,
        re.compile(
            r"(?m)(?:^|[\[(:.|] ?|UK )(?P<value>(?:TOP )?SECRET)(?=$|[\])\s:.|/-])(?! [a-z])"
            r"|(?:^|[\[(])(?P<spelled>Top Secret|UK SECRET)(?=[\]):]| (?:annex|attachment|attached|material|document|briefing)\b)"
        ),
        "Cabinet Office, Government Security Classifications 2023",
        trigger=r"(?i)secret",
    ),
)
