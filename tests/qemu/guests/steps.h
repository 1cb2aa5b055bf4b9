/* SPDX-License-Identifier: MIT */
/*
 * Numbers that guests and control domain share: report steps, stages, and
 * where a guest's test pages lie.
 */
#pragma once

/* Steps of the guests with a device; step 1 is the library's. */
#define STEP_EDU_FOUND 2u /* status; aux = PCI address in its own view   */
#define STEP_EDU_ID    3u /* the identification register                 */
#define STEP_EDU_ALIVE 4u /* liveness: 1                                 */

/* Steps of dma_guest. */
#define STEP_INTERFACE	  10u /* IoGetIommuInterfaceEx; aux = table size   */
#define STEP_CREATE	  11u /* CreateDomainEx; aux = handle              */
#define STEP_TOKEN	  12u /* CreateDevice; aux = handle                */
#define STEP_TYPES	  13u /* QueryAvailableDomainTypes: the mask       */
#define STEP_ATTACH	  14u
#define STEP_MAP	  15u /* aux = logical address                     */
#define STEP_COPY_IN	  16u /* transfer ended in time: 1                 */
#define STEP_COPY_OUT	  17u
#define STEP_COPY_EQUAL	  18u /* bytes compared by the guest: 1            */
#define STEP_BAD_WRITE	  19u /* transfer to an unmapped address ended: 1  */
#define STEP_BAD_READ	  20u
#define STEP_SECRET_KEPT  21u /* nothing of the unmapped page came over: 1 */
#define STEP_UNMAP	  22u
#define STEP_WRITE_CLOSED 23u /* transfer to the unmapped range ended: 1   */
#define STEP_DETACH	  24u
#define STEP_DELETE_TOKEN 25u
#define STEP_DELETE	  26u
#define STEP_LEFT	  27u /* domains + tokens + attached + pages left  */
#define STEP_IN_USE	  28u /* DeleteDomain while attached               */
#define STEP_BLOCKED	  29u /* transfer before attach ended: 1           */

/* Steps of types_guest: status of CreateDomainEx by type; aux = handle. */
#define STEP_TYPE_FIRST 40u
#define STEP_INFO_TYPES 50u /* sluice_info: status; aux = available types  */

/* Steps of pci_guest. */
#define STEP_PCI_BRIDGE 60u /* class of 00:00.0                            */
#define STEP_PCI_FOUND	61u /* its address, by the bus                     */
#define STEP_PCI_COUNT	62u /* functions that answer                       */
#define STEP_PCI_BAR	63u /* BAR 0 is where the list says: 1; aux = where */
#define STEP_PCI_BYTES	64u /* its size                                    */
#define STEP_PCI_PIN	65u /* interrupt line and pin                      */
#define STEP_APIC_ID	66u
#define STEP_SELF	67u /* own interrupts that came                    */
#define STEP_SELF_HELD	68u /* ... while held back; aux = TPR              */
#define STEP_SELF_FREED 69u
#define STEP_TOTAL	70u /* interrupts taken                            */

#define STEP_MSI_FOUND	71u /* it has the capability: 1; aux = offset      */
#define STEP_MSI_EARLY	72u /* interrupts before anything is programmed    */
#define STEP_MSI_TAKEN	73u /* the device's interrupt came: 1; aux = vector */
#define STEP_MSI_READ	74u /* what was programmed reads back: 1           */
#define STEP_FACTORIAL	75u
#define STEP_HALTED	76u /* an interrupt ended HLT: 1                   */
#define STEP_MSI_MASKED 77u /* interrupts while switched off               */
#define STEP_FOREIGN	78u /* interrupts by foreign messages; aux = which */
#define STEP_STOLEN	79u /* ... by forged writes                        */
#define STEP_FORGED	80u /* the forging transfer ended: 1               */

/* Steps of nvme_guest, which shares those of pci_guest. */
#define STEP_NVME_READY 90u /* the controller is off, is on: 1           */
#define STEP_NVME_DONE	91u /* a command was completed, with data: 1     */

/* Stages of pci_guest. */
#define STAGE_BUS     1u
#define STAGE_OWN     2u
#define STAGE_MSI     3u /* the device's interrupts                       */
#define STAGE_FOREIGN 4u /* messages that it may not send                 */
#define STAGE_FORGED  5u /* DMA to the interrupt window                   */
#define STAGE_PCI_END 6u

/* Its arguments, from the control domain while it waits for STAGE_CREATE. */
#define ARGUMENT_TYPE 0u /* of its domain; 0 is Translate                */

/* Steps of replay_guest. */
#define STEP_REPLAY_CALLS     60u /* nothing was wrong: 1; aux = calls made  */
#define STEP_REPLAY_SUCCESSES 61u /* aux = calls that succeeded */
#define STEP_REPLAY_SEQUENCE  62u /* calls of the last one; aux = its seed   */
#define STEP_REPLAY_DIGEST    63u /* aux = digest of all answers             */
#define STEP_REPLAY_PROBES    64u /* aux = DMA transfers                     */
#define STEP_REPLAY_TIME      65u /* aux = ms by the guest's clock           */
#define STEP_REPLAY_CHECKED   66u /* aux = sequences in the digest           */

/* Steps of mapping_guest. */
#define STEP_PAGE_ZERO	 70u /* the allocator gave no page 0: 1              */
#define STEP_RESERVE	 71u /* of a token, and its end                      */
#define STEP_TABLES	 72u /* mapping in a token took no table page: 1     */
#define STEP_SPLIT	 73u /* table pages of a split 2 MiB mapping         */
#define STEP_MAP_REFUSED 74u

/* Steps of reset_guest. */
#define STEP_AS_FOUND 80u /* a register, as it was found                   */
#define STEP_AS_SET   81u /* ... as it was set                             */

/* Steps of storm_guest, once a stage, and of worker_guest. */
#define STEP_RINGS	 90u /* nothing went wrong: 1; aux = rings of the bell */
#define STEP_ATTACHMENTS 91u /* the same; aux = times attached anew       */
#define STEP_WORK	 92u /* the same; aux = operations done           */

/* Their stages, the same for both. */
#define STAGE_QUIET	 1u /* nothing is blocked                         */
#define STAGE_QUIET_ANEW 2u /* ... and the device is attached anew        */
#define STAGE_STORM	 3u /* everything is blocked                      */
#define STAGE_STORM_ANEW 4u
#define STAGE_STORM_END	 5u

/* Stages of group_guest. */
#define STAGE_BOTH	   1u /* attach both, both carry                 */
#define STAGE_STRAY_FIRST  2u /* one writes where nothing is mapped      */
#define STAGE_STRAY_SECOND 3u /* ... the other                           */
#define STAGE_ONE_LEFT	   4u /* one is detached, the other carries      */
#define STAGE_HAMMER	   5u /* both go on until they are stopped       */

/* Stages of dma_guest: it waits before each. */
#define STAGE_CREATE 1u /* create, attach, map                           */
#define STAGE_COPY   2u /* the device copies source to target            */
#define STAGE_WRITE  3u /* the device writes where nothing is mapped     */
#define STAGE_READ   4u /* the device reads where nothing is mapped      */
#define STAGE_UNMAP  5u /* unmap, then the device writes there           */
#define STAGE_DELETE 6u /* detach, delete everything                     */
#define STAGE_LEAVE  7u /* shut down                                     */

/* Pages of dma_guest, guest-physical; all logical addresses differ. */
#define PAGE_SOURCE 0x300000u /* control domain writes a pattern into it   */
#define PAGE_TARGET 0x301000u /* the device brings it here                 */
#define PAGE_CANARY 0x302000u /* never mapped                              */
#define PAGE_EARLY  0x303000u /* the device aims at it before it is attached */

#define LOGICAL_SOURCE 0x7654000u
#define LOGICAL_TARGET 0x1357000u

/* Bytes that one transfer carries. */
#define COPY_BYTES 256u
