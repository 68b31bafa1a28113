"""How the model is made: fit, calibrate, export. The only home of torch and transformers."""
