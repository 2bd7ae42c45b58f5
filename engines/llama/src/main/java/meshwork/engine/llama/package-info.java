/**
 * The one binding to llama.cpp, and the engine on it. A bundle that brings native libraries opens a {@link LlamaEngine} on
 * them and registers it; nothing else is public. The libraries are called through {@link java.lang.foreign}.
 */
@Export
@Version("1.0.0")
package meshwork.engine.llama;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
