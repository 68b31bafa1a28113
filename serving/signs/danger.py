"""Danger to life and abuse, as people disclose them: a person must see such a message at once.

The lists lean to too much: what they cost is a look by a person, what they spare is a life.
"""

_PERSON = r"(?:he|she|they|my (?:\w+ )?(?:dad|father|step-?dad|mum|mother|step-?mum|husband|wife|ex|partner|boyfriend|girlfriend|brother|uncle|son|carer|nan|gran\w*|flatmate|landlord)|his (?:dad|mum)|her (?:dad|mum|bf|boyfriend|partner|ex)|somebody|someone|the (?:carer|staff|man))"
_VICTIM = r"(?:me|us|him|her|them|my (?:\w+ )?(?:son|daughter|kids?|children|child|baby|mum|dad|sister|brother|nan|gran\w*)|the (?:kids?|children|baby|boy|girl))"
DANGER = (
    "(?:kill|hurt|harm|cut|hang|drown|shoot|stab)(?:ing|ed)? (?:my ?self|myself|me self|himself|herself|themselves)", "end(?:ing)? (?:my|his|her) (?:own )?life", "end it(?: all)?(?: tonight| now| today)?", "tak(?:e|ing) (?:my|his|her) own life",
    "suicid\\w*", "(?:want|wanna|wants|going|gonna|ready|rather|wish i (?:was|were)) (?:to )?(?:die|dead|be dead)", "(?:don'?t|do not|dont|doesn'?t|didn'?t) (?:want|wanna) to (?:be here|be alive|live|wake up|go on)(?: any ?more| no more)?", "better off (?:dead|without me)",
    "can'?t (?:go on|take it|do this|cope) (?:any ?more|like this|any longer)", "no (?:point|reason) (?:in )?(?:living|to live|going on)", "(?:goodbye|good bye) (?:everyone|cruel)", "overdos(?:e|ed|ing)", "self[- ]harm\\w*", "taken (?:all (?:my|the|her|his)|too many|a load of|loads of) (?:\\w+ )?(?:pills|tablets|meds|medication|paracetamol)",
    "jump(?:ing)? off (?:a|the)", "(?:slit|cut)(?:ting)? (?:my|his|her) wrists?",
    f"(?:{_PERSON}|ex|they) ?(?:'s|is|are|was|has|will|'ll|said|says|keeps? (?:on )?(?:saying|threatening))? ?(?:going to|gonna|wants to|will|threaten(?:ed|ing|s)? to|tried to|try(?:ing)? to|(?:he|she|they)(?:'ll| will)|is coming to)? ?(?:kill|stab|shoot|strangl\\w*|murder|burn) {_VICTIM}",
    f"(?:got|has|have|with|carrying|holding) (?:a |the )?(?:big |kitchen )?(?:knife|gun|machete|weapon|petrol|blade)(?:[^.!?]{{0,40}}(?:at|to|outside|door|{_VICTIM}))?", "in (?:immediate |great |real )?danger", "(?:fear|afraid|scared|frightened) for (?:my|our|her|his|their) (?:life|lives|safety)",
    "(?:isn'?t|is not|not|stopped|can'?t) breath(?:ing|e)(?: properly)?", "(?:collapsed|unconscious|bleeding (?:badly|heavily|a lot))", "(?:gas|carbon monoxide) (?:leak|alarm)[^.!?]{0,30}(?:dizzy|sick|faint|headache)?", "(?:no food|nothing to eat|not eaten) (?:for|in|since) (?:\\w+ ){0,2}(?:days?|weeks?|monday|tuesday|wednesday|thursday|friday|saturday|sunday)[^.!?]{0,40}(?:baby|kids?|child\\w*|diabet\\w*)",
    "(?:help|save) (?:me|us) (?:please )?(?:he|she|they)(?:'s|'re| is| are)",
)  # fmt: skip
ABUSE = (
    f"{_PERSON} ?(?:'s|is|was|has|have|had|keeps?|kept|started|still|always|just|been|sometimes|also)? ?(?:on )?(?:been )?(?:hit(?:s|ting)?|beat(?:s|en|ing)?(?: up)?|punch(?:es|ed|ing)?|kick(?:s|ed|ing)?|slap(?:s|ped|ping)?|chok(?:es|ed|ing)|strangl(?:es|ed|ing)|burn(?:s|t|ed|ing)?|push(?:es|ed|ing)|grab(?:s|bed|bing)|shov(?:es|ed|ing)|thump(?:s|ed|ing)?|batter(?:s|ed|ing)?|throttl(?:es|ed|ing)|attack(?:s|ed|ing)?|assault(?:s|ed|ing)?|abus(?:es|ed|ing)|rap(?:es|ed|ing)|molest(?:s|ed|ing)|touch(?:es|ed|ing)|hurt(?:s|ing)?|threaten(?:s|ed|ing)?|control(?:s|led|ling)) {_VICTIM}",
    "(?:i|we|she|he|they|kids?|children) ?(?:'m|'ve|'s|am|was|is|are|were|have|has|been|being|get|gets|got|keep getting|have been|has been)+ ?(?:been |being )?(?:hit|beaten|punched|raped|abused|molested|strangled|attacked|assaulted|locked (?:in|up)|groomed|trafficked|starved|threatened)(?: by| at home| again| up)?",
    f"(?:scared|afraid|frightened|terrified) (?:of {_PERSON}|of (?:him|her|them)|to go home|at home|when (?:he|she)|(?:he|she) (?:will|is going|might))", f"(?:won'?t|doesn'?t|not|never) (?:let|allow(?:ed)?)(?:s|ing)? {_VICTIM} (?:to )?(?:leave|out|go out|see|eat|have (?:any )?(?:money|phone))", "takes? (?:all )?(?:my|her|his) (?:money|phone|passport|benefits?)(?: (?:off|from) (?:me|her|him))?",
    f"lock(?:s|ed|ing)? {_VICTIM} (?:in|out|up)", "(?:domestic|sexual|physical|emotional|financial|child) abuse", "domestic violence", "(?:honou?r[- ]based|forced marriage|female genital|fgm|being forced to (?:marry|work))", "touch(?:es|ed|ing)? (?:me|him|her) (?:down there|where|private|inappropriately)",
    "(?:bruises?|black eye|marks|burns|cuts) (?:all )?(?:over|on|up) (?:my|her|his|their|the)", f"(?:hurting|hit(?:ting)?|beating|shaking|starving|neglecting) {_VICTIM}", "(?:not safe|unsafe|isn'?t safe|don'?t feel safe) (?:at home|here|with (?:him|her|them)|in (?:this|the|my|our) (?:house|home|flat))", "escap(?:e|ed|ing) (?:from )?(?:him|her|my (?:husband|partner|ex|dad|family))",
    "(?:fled|fleeing|flee) (?:from )?(?:him|her|my|the|abuse|violence|domestic)", "made me (?:do things|have sex|sleep with)",
)  # fmt: skip
