"""What counts as declining, what does not, and how much of an answer must be there to tell."""

import pytest

from bot.backends.declining import HELD_BACK, OPENERS, is_decided, says_no

IGNORANT = [
    "I don't know.",
    "I don’t know the answer to that question.",
    "I really don't know",
    "I do not know what you mean by this.",
    "Hmm, I'm not sure what you mean.",
    "I'm not sure.",
    "I am not certain which one you mean.",
    "I have no information about that event.",
    "I have no idea.",
    "Unfortunately, I do not have access to real-time data.",
    "I don't have enough information to answer.",
    "I'm sorry, but I currently don't have any information about this.",
    "I'm not familiar with that book.",
    "**I don't know.**",
    '"I don\'t know much about that," he said.',
    "Das weiß ich leider nicht.",
    "Ich weiß es nicht.",
    "Leider habe ich dazu keine Informationen.",
    "Ich habe dazu leider keine Informationen.",
    "Ich bin mir nicht sicher.",
    "Je ne sais pas.",
    "Je n'ai pas d'informations à ce sujet.",
    "No sé.",
    "Lo siento, no lo sé.",
    "No tengo información sobre eso.",
]
UNWILLING = [
    "I'm sorry, but I can't help with that.",
    "Sorry. I am unable to do that.",
    "I am sorry! However, I cannot provide that.",
    "As an AI language model, I cannot browse the internet.",
    "As an AI language model I can't access files.",
    "As an AI assistant, my programming does not let me do that.",
    "I apologize for the confusion, but I cannot answer this.",
    "My apologies, but I won't generate that.",
    "I'm afraid I can't do that, Dave.",
    "Thank you for asking! I'm not able to discuss this.",
    "I must respectfully decline.",
    "I respectfully decline to answer.",
    "We're not allowed to say.",
    "I'd rather not say.",
    "That's beyond my abilities.",
    "This is not something I can help with.",
    "It isn't appropriate for me to comment.",
    "It would not be ethical for me to help.",
    "It's not possible for me to open links.",
    "> I can’t assist with that request.",
    "Leider kann ich dir dabei nicht helfen.",
    "Es tut mir leid, aber ich kann diese Frage nicht beantworten.",
    "Als Sprachmodell kann ich keine Dateien öffnen.",
    "Ich bin leider nicht in der Lage, das zu tun.",
    "Je suis désolé, mais je ne peux pas répondre à cette question.",
    "En tant que modèle de langage, je ne peux pas le faire.",
    "Il m'est impossible de répondre.",
    "Lo siento, pero no puedo ayudarte con eso.",
    "Como modelo de lenguaje, no puedo hacerlo.",
    "No estoy autorizado a responder.",
]
ANSWERS = [
    "Paris is the capital of France.",
    "I can't recommend it enough!",
    "I cannot stress this enough: back up your data.",
    "I don't know anyone who would not like Paris.",
    "I know what you mean: it is Paris.",
    "Sorry to hear that! Try to restart it.",
    "Well, it depends. Open models can be run anywhere.",
    "It is possible for me to help you with that.",
    "It is not known when Homer lived.",
    "That is a good question. The answer is 42.",
    "This is a poem about the sea.",
    "No, Paris is not in Germany.",
    "No. It is not.",
    "My favourite is the second one.",
    "We will not know before Friday, says the text.",
    "The model said: I don't know.",
    "Ich kann es dir erklären: es ist blau.",
    "Ich kann das nicht oft genug sagen.",
    "Je ne peux pas assez le recommander.",
    "No puedo dejar de recomendarlo.",
    "Unfortunately, Paris burned down.",
    "As an artist I cannot help it.",
    "42",
    "(a) is right",
]


@pytest.mark.parametrize("text", IGNORANT)
def test_who_does_not_know_declines(text: str) -> None:
    assert says_no(text) == "said that it does not know"


@pytest.mark.parametrize("text", UNWILLING)
def test_who_cannot_or_will_not_declines(text: str) -> None:
    assert says_no(text) == "declined"


@pytest.mark.parametrize("text", ANSWERS)
def test_answers_do_not_decline(text: str) -> None:
    assert says_no(text) is None


@pytest.mark.parametrize("text", ["", "  \n", "Sorry!", "**", "I'm sorry."])
def test_nothing_but_polite_words_says_nothing(text: str) -> None:
    assert says_no(text) == "said nothing"


def test_every_way_to_decline_is_held_back_until_it_is_plain() -> None:
    for text in (*IGNORANT, *UNWILLING):
        decided = next((end for end in range(1, len(text) + 1) if is_decided(text[:end])), len(text))
        assert says_no(text[:decided]), text[:decided]


def test_what_begins_otherwise_is_shown_at_its_second_word() -> None:
    assert not is_decided("Paris")
    assert is_decided("Paris ")
    assert is_decided("- Paris,")
    assert is_decided("(")
    assert "paris" not in OPENERS


def test_what_may_still_decline_is_held_back_for_a_sentence_or_so() -> None:
    assert not is_decided("I think that it")
    assert is_decided("I think that it is Paris. ")
    assert not is_decided("Oh. ")
    assert not is_decided("Oh. I see. It")
    long = "I think that " + "the capital and largest city of that country " * 3
    assert not is_decided(long[: HELD_BACK - 1])
    assert is_decided(long[:HELD_BACK])
    assert is_decided("Sorry, " * 30)
    assert not is_decided("Hmmm I")
    assert not is_decided("\n\n")
