// Empty: the target that compiles the precompiled header needs a source.
