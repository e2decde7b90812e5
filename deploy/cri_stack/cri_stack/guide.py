"""The commands of an upgrade where something else than `cri up` looks after the processes.

`deploy/UPGRADING.md` explains them; a test compares the two.
"""

from cri_stack.layout import SERVICES

COMPOSE = (
    "docker compose run --rm cri backup",
    "docker compose build",
    "docker compose run --rm cri upgrade plan",
    *(f"docker compose up -d --no-deps --wait {service}" for service in SERVICES),
    "docker compose up provision",
    "docker compose run --rm cri upgrade migrate",
)
KUBERNETES = (
    "kubectl -n cri create job backup-before --from=cronjob/backup",
    "kubectl -n cri wait --for=condition=complete --timeout=15m job/backup-before",
    "kubectl -n cri delete job provision --ignore-not-found",
    "kubectl apply -k .",
    *(
        f"kubectl -n cri rollout status --timeout=5m deployment/cri-{service}"
        for service in SERVICES
    ),
    *(f"kubectl -n cri exec deployment/cri-{service} -- start migrate" for service in SERVICES),
)
SYSTEMD = (
    "systemctl start cri-backup",
    "/opt/cri/bin/pip install --require-hashes -r requirements/cri-stack.txt",
    "/opt/cri/bin/pip install --no-deps ./shared ./services/* ./deploy/cri_*",
    *(f"systemctl restart cri@{service}" for service in SERVICES),
    "/usr/local/sbin/cri provision",
)
COMMANDS = {"compose": COMPOSE, "kubernetes": KUBERNETES, "systemd": SYSTEMD}
