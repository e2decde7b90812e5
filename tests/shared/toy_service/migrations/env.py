from cri_shared.db.migrate import run_env

from tests.shared.toy import metadata

run_env(metadata)
