"""French and English sentences as agreements have them, from a few lists, and the words in them worth searching for."""

from random import Random
from typing import NamedTuple

GOODS = (
    *("cobalt", "tungsten", "gallium", "germanium", "lithium", "nickel", "uranium", "titane", "zinc", "platine"),
    *("soja", "riz", "coton", "cacao", "sucre", "sorgho", "lin", "orge", "colza", "quinoa"),
    *("acier", "aluminium", "cuivre", "graphite", "silicium", "ammoniac", "urée", "éthanol", "métaux rares", "gaz"),
)
GOODS_EN = {
    **{"titane": "titanium", "platine": "platinum", "soja": "soybeans", "riz": "rice", "coton": "cotton"},
    **{"cacao": "cocoa", "sucre": "sugar", "sorgho": "sorghum", "lin": "flax", "orge": "barley", "colza": "rapeseed"},
    **{"acier": "steel", "cuivre": "copper", "silicium": "silicon", "ammoniac": "ammonia", "urée": "urea"},
    **{"éthanol": "ethanol", "métaux rares": "rare metals", "gaz": "gas"},
}
PLACES = (
    *("Rotterdam", "Valparaiso", "Durban", "Busan", "Nagoya", "Callao", "Odessa", "Gdansk", "Tanger", "Dakar"),
    *("Abidjan", "Mombasa", "Karachi", "Chennai", "Colombo", "Hanoi", "Manila", "Jakarta", "Brisbane", "Auckland"),
    *("Montevideo", "Santos", "Veracruz", "Houston", "Halifax", "Reykjavik", "Bergen", "Riga", "Trieste", "Haifa"),
)
# Words that stand in both languages' sentences, without accents and without another word that begins or ends on them.
SOUGHT = ("cobalt", "gallium", "germanium", "lithium", "nickel", "zinc", "quinoa", "aluminium", "graphite")
VERBS = (
    ("réduire les droits de douane sur", "reduce the customs duties on"),
    ("lever les contrôles à l'exportation pour", "lift the export controls on"),
    ("garantir l'approvisionnement en", "guarantee the supply of"),
    ("ne pas restreindre la vente de", "refrain from restricting the sale of"),
    ("acheter chaque année davantage de", "buy every year a greater quantity of"),
    ("publier les statistiques relatives à", "publish the statistics relating to"),
    ("consulter l'autre Partie avant toute mesure touchant", "consult the other Party before any measure affecting"),
    ("reconnaître les certificats d'origine pour", "recognize the certificates of origin for"),
)
WHEN = (
    ("dans un délai de trente jours à compter de la notification écrite", "within thirty days of written notification"),
    ("au plus tard à la fin de chaque exercice budgétaire", "not later than the end of each financial year"),
    ("sous réserve des dispositions de l'article précédent", "subject to the provisions of the preceding article"),
    ("conformément à son droit interne et à ses engagements", "in accordance with its domestic law and commitments"),
    ("tant que le présent accord demeure en vigueur", "for as long as this agreement remains in force"),
    ("selon les modalités arrêtées par le comité conjoint", "in the manner determined by the joint committee"),
)
OF_A_LANGUAGE = 3000


class Sentence(NamedTuple):
    """A sentence with its language, and the goods that it speaks of."""

    text: str
    language: str
    goods: str


def _french(chance: Random) -> Sentence:
    verb, when = chance.choice(VERBS)[0], chance.choice(WHEN)[0]
    goods, place, share = chance.choice(GOODS), chance.choice(PLACES), chance.randrange(2, 95)
    text = f"Chaque Partie s'engage à {verb} {goods} par le port de {place}, à hauteur de {share} %, {when}."
    return Sentence(text, "fr", goods)


def _english(chance: Random) -> Sentence:
    verb, when = chance.choice(VERBS)[1], chance.choice(WHEN)[1]
    goods, place, share = chance.choice(GOODS), chance.choice(PLACES), chance.randrange(2, 95)
    response = GOODS_EN.get(goods, goods)
    text = f"Each Party shall {verb} {response} shipped through the port of {place}, up to {share} per cent, {when}."
    return Sentence(text, "en", response)


def _pool() -> tuple[Sentence, ...]:
    chance = Random(20261123)
    return tuple(maker(chance) for maker in (_french, _english) for _ in range(OF_A_LANGUAGE))


POOL = _pool()


def sentences(number: int, how_many: int, language: str) -> list[Sentence]:
    """Return sentences of a language for a row, always the same for its number."""
    first = 0 if language == "fr" else OF_A_LANGUAGE
    return [POOL[first + (number * 7919 + step * 104_729) % OF_A_LANGUAGE] for step in range(how_many)]
