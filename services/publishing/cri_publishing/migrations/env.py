from cri_publishing.models import Base
from cri_shared.db.migrate import run_env

run_env(Base.metadata)
