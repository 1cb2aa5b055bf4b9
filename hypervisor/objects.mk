# SPDX-License-Identifier: MIT
# What the hypervisor is made of, rank by rank: the only place that names files.
# HV_PORTABLE is compiled twice: here, and for user space against the fakes.

HV_LIB       := lib/format.o lib/idmap.o
HV_BASE      := base/log.o base/spinlock.o
HV_MM        := mm/page.o
HV_PT        := pt/amdv1.o pt/gather.o pt/grow.o pt/next.o pt/npt.o \
                pt/pin.o pt/pt.o \
                pt/table.o pt/vtdfs.o pt/vtdss.o
HV_PLATFORM  := platform/acpi.o platform/dmar.o platform/dmar_machine.o \
                platform/ivrs.o platform/ivrs_device.o \
                platform/ivrs_machine.o platform/madt.o platform/pci.o \
                platform/pci_capability.o platform/pci_group.o \
                platform/pci_msi.o platform/pci_msix.o platform/pci_reset.o \
                platform/pci_slot.o platform/pci_topology.o
HV_GUEST     := guest/copy.o guest/guest.o guest/linear.o guest/p2m.o
HV_IOMMU     := iommu/fault.o iommu/fault_event.o iommu/intr.o \
                iommu/passage.o iommu/region.o iommu/start.o iommu/storm.o \
                iommu/unit.o \
                iommu/amdvi/amdvi_command.o iommu/amdvi/amdvi_dte.o \
                iommu/amdvi/amdvi_event.o iommu/amdvi/amdvi_flush.o \
                iommu/amdvi/amdvi_intr.o iommu/amdvi/amdvi_unit.o \
                iommu/vtd/vtd_context.o iommu/vtd/vtd_fault.o \
                iommu/vtd/vtd_flush.o iommu/vtd/vtd_intr.o \
                iommu/vtd/vtd_pasid.o iommu/vtd/vtd_queue.o \
                iommu/vtd/vtd_scalable.o iommu/vtd/vtd_scope.o \
                iommu/vtd/vtd_table.o iommu/vtd/vtd_unit.o
HV_DMA       := dma/asid.o dma/assign.o dma/attach.o dma/audit.o \
                dma/buddy.o dma/buddy_tree.o \
                dma/configure.o dma/device.o dma/dma_guest.o dma/domain.o \
                dma/event.o dma/firmware.o dma/frames.o dma/group.o \
                dma/handover.o dma/home.o dma/identity.o dma/map.o \
                dma/pasid.o dma/passthrough.o dma/policy.o dma/ranges.o \
                dma/report.o dma/requester.o dma/reserved.o dma/service.o \
                dma/token.o dma/token_map.o dma/token_marks.o \
                dma/translated.o
HV_HYPERCALL := hypercall/dma_calls.o hypercall/dma_calls_device.o \
                hypercall/dma_calls_map.o \
                hypercall/dma_op.o hypercall/domctl.o \
                hypercall/domctl_context.o hypercall/domctl_device.o \
                hypercall/domctl_guest.o hypercall/hypercall.o \
                hypercall/memory_op.o hypercall/multicall.o \
                hypercall/sysctl.o hypercall/vcpu_op.o \
                hypercall/xen_version.o

HV_VPCI      := vpci/capability.o vpci/function.o vpci/guest.o vpci/lapic.o \
                vpci/message.o vpci/mmio.o vpci/mov.o vpci/msi.o vpci/msix.o

HV_PORTABLE := $(HV_LIB) $(HV_BASE) $(HV_MM) $(HV_PT) $(HV_PLATFORM) \
               $(HV_GUEST) $(HV_IOMMU) $(HV_DMA) $(HV_HYPERCALL) \
               $(HV_VPCI)

HV_MACHINE := lib/string.o base/panic.o \
              arch/ap_entry.o arch/apic.o arch/cpu.o arch/cpu_id.o \
              arch/desc.o arch/exception.o arch/serial.o arch/smp.o \
              arch/time.o \
              svm/context.o svm/cpus.o svm/emulate.o svm/exit.o svm/exit_cpuid.o \
              svm/exit_io.o svm/exit_msr.o svm/exit_npf.o svm/icr.o \
              svm/interrupts.o svm/permissions.o svm/svm.o svm/vcpu.o svm/vmcb.o \
              svm/vmrun.o \
              boot/acpi_hide.o boot/bootinfo.o boot/control_guest.o \
              boot/entry.o boot/hvmap.o boot/linux.o boot/main.o
