"""What scorers read: RTTM, UEM, CTM, STM and pyannote."""
