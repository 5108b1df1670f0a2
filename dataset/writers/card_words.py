"""The parts of a dataset card that are the same for every export."""

HOW_TO_READ = {
    "packed": """`dataset.store.open_dataset(FOLDER)` of agegap, or without it:

```python
import numpy as np, pandas as pd
crops = np.load("faces.npy", mmap_mode="r")  # uint8 (N, 128, 128, 3) RGB
faces = pd.read_parquet("index.parquet")     # a row a face, the same order
pairs = pd.read_parquet("pairs.parquet")     # younger and older are row numbers
```""",
    "imagefolder": """```python
from datasets import load_dataset
faces = load_dataset("FOLDER")            # or load_dataset("imagefolder", data_dir="FOLDER")
pairs = load_dataset("parquet", data_files="FOLDER/pairs.parquet")   # younger and older are the face_id of two faces
```

`SPLIT/metadata.parquet` has a row a picture; `file_name` says where it lies.""",
    "parquet": """```python
from datasets import load_dataset
faces = load_dataset("FOLDER")            # streaming=True reads a row group at a time
pairs = load_dataset("FOLDER", "pairs")   # younger and older are the face_id of two faces

import pandas as pd
frame = pd.read_parquet("FOLDER/data")    # image is {"bytes", "path"}
```""",
    "webdataset": """```python
import webdataset
shards = "FOLDER/train-{000000..000009}.tar"
faces = webdataset.WebDataset(shards, shardshuffle=False).decode("pil").to_tuple("jpg", "json")

from datasets import load_dataset
faces = load_dataset("FOLDER")            # the same, typed
pairs = load_dataset("parquet", data_files="FOLDER/pairs.parquet")   # younger and older are the face_id of two faces
```

`shards.json` lists the shards with their numbers of samples, in the format of `wids`; `faces.parquet` has all records
with the name of each picture in its shard.""",
    "pairs-lists": """`images/NAME/NAME_0001.jpg` and the lists are as in Labeled Faces in the Wild: the first line of
`pairs_10.txt` is the number of folds and of pairs of each kind; then, fold by fold, the pairs of one person
(`NAME 1 4`) and those of two (`NAME 1 OTHER 2`), separated by tabs. In every pair of that list the photos are 10 years
apart, as in the protocols of AgeDB. `protocols.csv` has all lists with paths and years, `faces.parquet` a row a
picture, `people.txt` who is in it, `pairs.parquet` every pair of one person by `face_id`.""",
}

PEOPLE = """\
These are pictures of people who can be recognised, with their names and the years of their photos: biometric
data in the sense of the GDPR (article 9) and of laws such as BIPA. That a photo may be copied says nothing of what may
be done with the face in it. You need a lawful basis of your own. Do not identify people in other pictures with it, do
not build or sell surveillance on it, and delete faces when asked: `curate takedown` takes them out of this folder where
it was written, and a copy elsewhere must be replaced."""

INTENDED = """\
Research on how faces age: models of the years between two pictures, of age, and of verification across
years. Not for decisions about a person, such as proof of age, access, hiring or policing."""

LIMITS = """\
- Years are read from texts and metadata; `year_confidence`, `year_min` and `year_max` say how sure they are. Ages
  are only those that a public set labels; nothing is guessed from a picture.
- Who is shown follows the name a photo was found under; a check by likeness may have taken strangers out, not all.
- People who are photographed often and in public are most of it; neither sexes nor origins nor ages are balanced."""
