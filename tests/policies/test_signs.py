"""Are the signs read where they are, and not where they only seem to be?"""

import pytest

from serving.signs import Sign, read_signs

CASES = [
    (Sign.ASKS_CONTACT, "Could you please call me on 020 8359 0000", "Reply YES to confirm"),
    (Sign.ASKS_CONTACT, "please get in touch with us", "The call centre is closed"),
    (Sign.ASKS_INFORMATION, "Can you tell me when my appointment is?", "Thanks, that is fine"),
    (Sign.ASKS_INFORMATION, "what is her new address please", "What a lovely day"),
    (Sign.PRESSURE, "Final warning: act now or we will stop your money", "Please reply by Friday"),
    (Sign.ALARMING, "Please call the school urgently about your child", "Please call the school about a payment"),
    (Sign.ALARMING, "Ring us at once, it is about your mum", "Please call me about your mum, urgent but nothing to panic about"),
    (Sign.ALARMING, "Contact the office asap about your benefits", "Urgent repairs on Mill Lane: the road is closed"),
    (Sign.PROMISE, "We guarantee you will be paid on Monday", "You will hear from us by Monday"),
    (Sign.ABUSIVE, "you useless scrounger", "The bus to Scunthorpe is late"),
    (Sign.ABUSIVE, "we know where you live", "Bring a coat, it is cold"),
    (Sign.SOLICITING, "Vote Labour on Thursday!", "The polling station opens at 7am"),
    (Sign.SOLICITING, "Jesus loves you, join our church", "The church hall is booked for the blood donors"),
    (Sign.UNSIGNED, "See you Monday", "See you Monday. Anytown Council"),
    (Sign.FORWARDED, "Fwd: see below", "Please go forward to the desk"),
    (Sign.SHORT_LINK, "Book at https://bit.ly/3xYz", "Book at https://www.gov.uk/book"),
    (Sign.BARE_LINK, "Book at anytown.gov.uk/book", "Book at https://anytown.gov.uk/book"),
    (Sign.BARE_LINK, "Book at www.anytown.org", "It opens at 9.30am.Bring ID"),
    (Sign.FOREIGN_LINK, "See https://example.org/x", "See https://www.nhs.uk/flu"),
    (Sign.LOOKALIKE_LINK, "Claim at https://hmrc-refund.top/x", "See https://www.gov.uk/hmrc"),
    (Sign.LOOKALIKE_LINK, "http://royalmail-redeliver.com/pay", "https://www.royalmail.police.uk/"),
    (Sign.PAY_DEMAND, "Your parcel is waiting, pay the fee now: https://x.top", "You can pay council tax online"),
    (Sign.DANGER, "i cant go on anymore", "i cant go on tuesday"),
    (Sign.DANGER, "I want to die", "dying to see it"),
    (Sign.DANGER, "he said he will kill me", "the frost will kill the plants"),
    (Sign.DANGER, "ive taken all my tablets", "when do i take my tablets"),
    (Sign.DANGER, "she is going to hurt herself", "my foot hurts"),
    (Sign.ABUSE, "my husband hits me when he drinks", "the car hit a lamp post"),
    (Sign.ABUSE, "my stepdad touches me", "keep in touch"),
    (Sign.ABUSE, "there are bruises all over her arms and im scared of him", "scared of the dentist"),
    (Sign.ABUSE, "he wont let me leave the house", "please let me know"),
]


@pytest.mark.parametrize(("sign", "with_it", "without"), CASES)
def test_sign(sign, with_it, without):
    assert sign in read_signs(with_it)
    assert sign not in read_signs(without)


def test_own_domains_are_the_senders():
    assert Sign.FOREIGN_LINK not in read_signs("See https://my.anytown.org/x", ("anytown.org",))
    assert Sign.FOREIGN_LINK in read_signs("See https://notanytown.org/x", ("anytown.org",))
    assert Sign.FOREIGN_LINK in read_signs("See https://www.nhs.uk/x", ("anytown.org",))


@pytest.mark.parametrize("text", ["\ud800 he hits me", "x\x00 he hits me", "he hits me " * 900])
def test_any_text_is_read(text):
    assert Sign.ABUSE in read_signs(text)
