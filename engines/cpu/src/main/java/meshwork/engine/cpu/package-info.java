/** llama.cpp on the processor. */
package meshwork.engine.cpu;
