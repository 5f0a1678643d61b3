#include "app/commands.h"

int main(int argc, char** argv) { return limner::app::run_program(argc, argv); }
