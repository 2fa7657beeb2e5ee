"""Vocabulary for names and addresses; all e-mail domains are reserved for examples (RFC 2606)."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words("""
    Anna Ben Clara David Elena Felix Grace Henry Ivy Jonas Karin Liam Maria Noah Olivia Paul Quinn Rosa Samuel
    Tessa Uwe Vera William Xenia Yusuf Zoë Amélie Björn Chloé Dirk Eva François Greta Hugo Irene Jürgen Kate
    Louis Margaret Nils Oscar Petra Ruth Stefan Theo Ursula Victor Wanda Catherine Elizabeth Robert Michael
    Jennifer Thomas Susan James
""")
LAST_NAMES = _words("""
    Smith Johnson Brown Miller Davis Wilson Moore Taylor Anderson Thompson White Harris Clark Lewis Walker Hall
    Young King Wright Lopez Hill Scott Green Adams Baker Nelson Mitchell Roberts Turner Phillips Campbell Parker
    Evans Edwards Collins Stewart Morris Rogers Reed Cook Morgan Bell Murphy Bailey Cooper Richardson Cox Howard
    Ward Torres Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Richter Wolf
    Schröder Neumann Schwarz Zimmermann Braun Krüger Hartmann Lange Krause Lehmann Köhler Herrmann Martin
    Bernard Dubois Lefèvre Moreau Laurent Simon Michel Garcia Roux Fournier Girard Bonnet Lambert Fontaine
    Rousseau Vincent Mercier Blanchard Joly Visser Bakker Janssen Mulder Bos Vos Peeters Hendriks Dekker Brouwer
    Dijkstra Kuiper Veenstra Postma Hoekstra
""")
STREETS = _words("""
    Oak Maple Cedar Elm Washington Lake Hill Park Walnut Sunset Church River Mill Spring High Station Victoria
    King Garden Chestnut Linden Bahnhof Goethe Schiller Garten Berg Wiesen Molen Kerk Dorp Voltaire Hugo Pasteur
    Gare
""")
FIRM_WORDS = _words("""
    Harbor Summit Beacon Atlas Meridian Granite Falcon Juniper Cobalt Crescent Delta Ember Foundry Glacier
    Horizon Ironwood Keystone Lantern Magnolia Northgate Orchard Pinnacle Quarry Redwood Sterling Tidewater
    Union Vertex Westbrook Yellowstone Zenith Albion Borealis Castellan Dorado Evergreen Fairmont Gladstone
    Highland Inverness
""")
FIRM_TRADES = _words("""
    Logistics Hotels Interiors Media Engineering Consulting Foods Dental Property Schools Textiles Studios
    Catering Clinics Software Marine Electric Construction Insurance Retail
""")
CONSUMER_GOODS = "consumer goods"
# The last one is not drawn: story.py says which firms are in it.
INDUSTRIES = (
    "hospitality",
    "construction",
    "education",
    "health care",
    "retail",
    "professional services",
    "industry",
    CONSUMER_GOODS,
)
OCCUPATIONS = ("clerical", "management", "skilled manual", "professional", "retired", "student")
SIZE_CLASSES = ("1-9", "10-49", "50-249", "250+")
HOUSEHOLD_SIZES = ("1 person", "2 persons", "3-4 persons", "5+ persons")
# Country number, city, region, first digits of the postal code.
CITIES = (
    (0, "Columbus", "OH", 432),
    (0, "Portland", "OR", 972),
    (0, "Austin", "TX", 787),
    (0, "Denver", "CO", 802),
    (0, "Chicago", "IL", 606),
    (0, "Boston", "MA", 21),
    (0, "Seattle", "WA", 981),
    (0, "Atlanta", "GA", 303),
    (1, "London", "England", 11),
    (1, "Leeds", "England", 12),
    (1, "Glasgow", "Scotland", 13),
    (1, "Cardiff", "Wales", 14),
    (2, "Hamburg", "HH", 204),
    (2, "München", "BY", 803),
    (2, "Köln", "NW", 507),
    (2, "Leipzig", "SN", 41),
    (3, "Lyon", "ARA", 690),
    (3, "Nantes", "PDL", 440),
    (3, "Lille", "HDF", 590),
    (4, "Utrecht", "UT", 35),
    (4, "Groningen", "GR", 97),
)
LEGAL_FORMS = ("Inc.", "Ltd", "GmbH", "SARL", "B.V.")
LEGAL_FORMS_LONG = ("Incorporated", "Limited", "Gesellschaft mbH", "S.A.R.L.", "BV")
DIAL_CODES = ("1", "44", "49", "33", "31")
SWITCHBOARD_PHONE = "+1 312 555 0100"
PLACEHOLDER_EMAIL = "unknown@example.com"
