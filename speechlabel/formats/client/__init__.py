"""The layout that a contract asks for, written from a template in the guideline."""
