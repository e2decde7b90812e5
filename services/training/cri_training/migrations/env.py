from cri_shared.db.migrate import run_env
from cri_training.models import Base

run_env(Base.metadata)
