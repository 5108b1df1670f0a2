"""The protocols there are, by name; one line each."""

from agegap.errors import UnknownName
from train.protocols import morph2, official, people
from train.protocols.folds import Protocol

PROTOCOLS = {
    one.name: one
    for one in (
        Protocol("fgnet-lopo", "FG-NET, each of its people tested in turn.", people.leave_one_out),
        Protocol("fgnet-5fold", "FG-NET, five folds of people.", people.five_folds),
        Protocol("morph2-a", "MORPH II, 5,492 white photos, 80/20 five times.", morph2.white_five_times, "morph2"),
        Protocol("morph2-b", "MORPH II, three balanced thirds of people.", morph2.black_and_white_three, "morph2"),
        Protocol("morph2-c", "MORPH II, random 80/20 of all photos; people leak.", morph2.random_80_20),
        Protocol("morph2-d", "MORPH II, five folds of people.", morph2.people_apart),
        Protocol("utkface-5fold", "UTKFace, all ages, five folds of photos.", people.five_folds),
        Protocol("utkface-21-60", "UTKFace, ages 21 to 60, 80/20.", people.adults_80_20),
        Protocol("agedb-5fold", "AgeDB, five folds of people.", people.five_folds),
        Protocol("cacd", "CACD2000: 1,800 people train, 80 validate, 120 test.", official.cacd, "cacd2000"),
        Protocol("clap2015", "ChaLearn LAP 2015, official split.", official.chalearn),
        Protocol("clap2016", "ChaLearn LAP 2016, official split.", official.chalearn),
        Protocol("adience-5fold", "Adience, its five folds of people.", official.adience, "adience"),
    )
}
"""Every protocol by its name."""


def find_protocol(name: str) -> Protocol:
    """Return a protocol; raise UnknownName with the nearest."""
    if name not in PROTOCOLS:
        raise UnknownName("protocol", name, PROTOCOLS)
    return PROTOCOLS[name]
