package meshwork.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;
import org.osgi.test.junit5.context.BundleContextExtension;
import org.osgi.test.junit5.service.ServiceExtension;

/** A node has no bundle that does not run, and no component that waits for something that nobody offers. */
@ExtendWith({ BundleContextExtension.class, ServiceExtension.class })
class ComponentsTest {

	@InjectBundleContext
	BundleContext context;

	@InjectService
	ServiceComponentRuntime components;

	@Test
	void everyBundleOfTheNodeRuns() {
		var idle = List.of(context.getBundles()).stream()
				.filter(bundle -> bundle.getHeaders().get("Fragment-Host") == null)
				.filter(bundle -> bundle.getState() != Bundle.ACTIVE)
				.map(Bundle::getSymbolicName)
				.toList();
		assertEquals(List.of(), idle);
	}

	@Test
	void everyComponentHasWhatItNeeds() {
		var ours = components.getComponentDescriptionDTOs().stream().filter(each -> each.bundle.symbolicName.startsWith("meshwork.")).toList();
		assertFalse(ours.isEmpty());
		var lacking = ours.stream()
				.flatMap(each -> components.getComponentConfigurationDTOs(each).stream())
				.filter(each -> each.state != 4 && each.state != 8)
				.map(each -> each.description.name + " lacks " + List.of(each.unsatisfiedReferences).stream().map(r -> r.name).toList())
				.toList();
		assertEquals(List.of(), lacking);
	}
}
