/** Proposing tokens ahead of the target model: Leviathan et al. 2023 (linear), Medusa, arXiv 2401.10774 (trees). */
@Export
@Version("1.0.0")
package meshwork.api.draft;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
