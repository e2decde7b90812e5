"""Backups: one encrypted file for each database or set of keys, made and brought back."""

from cri_shared.backup.trouble import BackupFailed, BackupRefused

__all__ = ["BackupFailed", "BackupRefused"]
