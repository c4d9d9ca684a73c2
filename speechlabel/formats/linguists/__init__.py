"""Tiers of linguists: TextGrid, EAF, Transcriber, EXMARaLDA, CHAT, AnnotJSON; merged back into originals."""
