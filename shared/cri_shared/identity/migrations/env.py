from cri_shared.db.migrate import run_env
from cri_shared.identity.models import Base

run_env(Base.metadata)
